// Fails when the contracts under proto/ break clients of the last commit on main: `node tools/check-breaking.mjs`.
//
// On a branch, or with uncommitted changes under proto/, that commit is main itself; on a clean main it is the one before.
// Where there is no such commit (first commit, shallow clone) or it has no contracts, there is nothing to break: the script
// says so and succeeds. CI must therefore fetch main with some history.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), '..');

function run(program, args, stdio = 'pipe') {
  const result = spawnSync(program, args, { cwd: repositoryRoot, stdio, encoding: 'utf8' });
  if (result.error) throw new Error(`cannot run ${program}`, { cause: result.error });
  return result;
}

/** The output of a git command that must work. */
function git(...args) {
  const result = run('git', args);
  if (result.status !== 0) throw new Error(`git ${args.join(' ')} failed: ${result.stderr.trim()}`);
  return result.stdout.trim();
}

/** The commit that a revision names, or undefined where this clone has none. */
function commitOf(revision) {
  const result = run('git', ['rev-parse', '--verify', '--quiet', `${revision}^{commit}`]);
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/** The commit to compare with, or the reason why there is none. */
function findBaseline() {
  const head = commitOf('HEAD');
  // A CI checkout of a branch has main as a remote branch only.
  const main = commitOf('refs/heads/main') ?? commitOf('refs/remotes/origin/main');
  if (main === undefined) return { reason: 'this clone has no branch main' };

  const isDirty = git('status', '--porcelain', '--', 'proto') !== '';
  const commit = head !== main || isDirty ? main : commitOf('HEAD~1');
  if (commit === undefined) return { reason: 'this clone has no commit before HEAD' };

  const hasContracts = git('ls-tree', '-r', '--name-only', commit, '--', 'proto').includes('.proto');
  if (!hasContracts) return { reason: `commit ${commit.slice(0, 12)} has no contracts` };
  return { commit };
}

async function main() {
  const { commit, reason } = findBaseline();
  if (commit === undefined) {
    console.log(`Nothing to compare the contracts with: ${reason}.`);
    return;
  }

  // A tar of the commit rather than buf's own git input: that one clones the repository, which a shallow clone refuses.
  const temporary = await mkdtemp(join(tmpdir(), 'chain-processor-breaking-'));
  try {
    const archive = join(temporary, 'baseline.tar');
    const paths = ['proto', 'buf.yaml'].filter(
      (path) => git('ls-tree', '--name-only', commit, '--', path) !== '',
    );
    git('archive', '--format=tar', `--output=${archive}`, commit, '--', ...paths);

    console.log(`Comparing the contracts with commit ${commit.slice(0, 12)}.`);
    const buf = join(repositoryRoot, 'node_modules', '.bin', 'buf');
    const result = run(buf, ['breaking', '--against', archive], 'inherit');
    if (result.status !== 0) process.exitCode = 1;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

await main();
