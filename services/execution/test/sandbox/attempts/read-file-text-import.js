// Reads a file of the host by a static text import, which a main module could do without any permission.
import passwords from 'file:///etc/passwd' with { type: 'text' };

export default () => `ESCAPED ${passwords}`;
