// Connects to a port of the host.
export default async () => `ESCAPED ${(await fetch('http://127.0.0.1:5432/')).status}`;
