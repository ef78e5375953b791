export { canonicalJson, digestOfJson, sha256 } from './canonical-json.js';
