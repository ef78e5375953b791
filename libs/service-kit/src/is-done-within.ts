/** Whether `done` settles within that many milliseconds. Rejects as `done` does. */
export async function isDoneWithin(done: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const isLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([done.then(() => true), isLate]);
  } finally {
    clearTimeout(timer);
  }
}
