/** After `npm test`: what was recorded against the policy and the roles. Exit code 1 names what differs. */
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cannotRun } from '../contract/kubectl.ts';
import { compare, type Recorded } from './compare.ts';
import { permitted } from './permitted.ts';

const ROOT = join(import.meta.dirname, '../..');

const readRecords = (folder: string): readonly Recorded[] =>
  readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Recorded);

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const recorded = readRecords(process.env.ALB_RECORD_CALLS ?? join(ROOT, '.calls'));
const files = globSync('test/**/*.test.ts', { cwd: ROOT }).map((file) => join(ROOT, file));
const { wrong, unjudged } = compare(recorded, permitted(), files);
for (const line of wrong) say(line);
const partial = cannotRun() || unjudged;
if (partial) say(`cannot judge whether everything permitted is used, as this was no whole run: ${partial}`);
else if (wrong.length === 0)
  say(
    `the IAM policy and the roles of the chart permit what was asked in ${recorded.length} test files, no less and no more`,
  );
process.exitCode = wrong.length === 0 ? 0 : 1;
