/** What the services need of the environment of the tests. */
export function loadHostVariables(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const { PATH, TMPDIR, LOG_LEVEL = 'info' } = environment;
  return { PATH, TMPDIR, LOG_LEVEL };
}
