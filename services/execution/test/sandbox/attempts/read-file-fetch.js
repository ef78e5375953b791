// Fetches a file URL.
export default async () => `ESCAPED ${await (await fetch('file:///etc/passwd')).text()}`;
