import { claimDirectory, DirectoryInUseError, type DirectoryClaim } from '../src/host/claim-directory.js';

// A process of claim-directory.int.test.ts: claims the directory it is sent, and releases what it holds when sent an empty text.
const held: DirectoryClaim[] = [];

process.on('message', (directory) => {
  void (directory === '' ? release() : claim(String(directory))).then((answer) => process.send?.(answer));
});

async function claim(directory: string): Promise<string> {
  try {
    held.push(await claimDirectory(directory));
    return 'claimed';
  } catch (error) {
    return error instanceof DirectoryInUseError ? 'in use' : String(error);
  }
}

async function release(): Promise<string> {
  await Promise.all(held.splice(0).map((claimed) => claimed.release()));
  return 'released';
}
