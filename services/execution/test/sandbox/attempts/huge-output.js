// Returns more text than the host should ever hold.
export default () => 'ESCAPED'.repeat(50_000_000);
