/** What an isolate tells of a thrown value; all of it is the user's text. */
export interface Thrown {
  readonly isLoading: boolean;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

const MAX_FRAMES = 5;

/** A module URL of user code, which V8 shortens in stacks with dots, and the position in it. */
const POSITION = /data:application\/(?:typescript|javascript);base64,[\w+/=.]*:(\d+):(\d+)/g;
const MODULE_URL = /data:application\/(?:typescript|javascript);base64,[\w+/=.]*/g;
/** The import map refuses builtins by null entries. */
const BLOCKED_BUILTIN = /Blocked by null entry for ""(node:[\w/]+)""/g;
const PERMISSION_ADVICE = /, run again with the --allow-[a-z]+ flag/g;
const STACK_FRAME = /^ {4}at (?:async )?(?:Module\.)?(?:(.*) \()?(?:data:application\/.*:(\d+):(\d+))\)?$/;

/** The error as its author knows it: lines of the code as it was written, nothing of the machinery around it. */
export function describeThrown({ isLoading, name, message, stack }: Thrown): string {
  const title = [name, name !== '' && message !== '' ? ': ' : '', withOwnPositions(message)]
    .join('')
    .trimEnd();
  const what = title === '' ? 'the node threw a value without a message' : title;
  // What the loader reports names its place in the message.
  const where = title.includes('\n    at line ') ? '' : framesOf(stack);
  return `${isLoading ? 'the code could not be loaded: ' : ''}${what}${where}`;
}

function withOwnPositions(message: string): string {
  return message
    .replace(POSITION, 'line $1, column $2')
    .replace(MODULE_URL, 'the node')
    .replace(BLOCKED_BUILTIN, '$1 is not available to nodes')
    .replace(PERMISSION_ADVICE, ', which nodes do not have');
}

function framesOf(stack: string): string {
  const frames: string[] = [];
  for (const line of stack.split('\n')) {
    const [, where, lineNumber, column] = STACK_FRAME.exec(line) ?? [];
    if (lineNumber === undefined) continue;
    frames.push(`\n    at ${where === undefined ? '' : `${where}, `}line ${lineNumber}, column ${column}`);
    if (frames.length === MAX_FRAMES) break;
  }
  return frames.join('');
}
