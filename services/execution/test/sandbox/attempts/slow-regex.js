// Spends its time inside a regular expression.
export default () => String(/^(a+)+$/.test(`${'a'.repeat(60)}b`));
