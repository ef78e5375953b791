// Kills its own process.
export default async () => {
  (await import('node:process')).kill(0, 'SIGKILL');
  return 'ESCAPED';
};
