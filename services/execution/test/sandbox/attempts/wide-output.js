// Returns text that is short in characters and too long in bytes.
export default () => '€'.repeat(400_000);
