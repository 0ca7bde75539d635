/** The real dig, asked without a resolver in between. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

/** Why tests that need dig cannot run here; undefined when they can. */
export const NO_DIG =
  spawnSync('dig', ['-v']).status === 0
    ? undefined
    : 'dig is not installed (Debian package bind9-dnsutils, or dnsutils)';

export type Dug = {
  /** `NOERROR`, `NXDOMAIN`, `REFUSED`, … */
  readonly status: string;
  /** `TYPE value`, in the order of the answer, without the dot at the end. */
  readonly answers: readonly string[];
};

/** Asks the server at a port of loopback. */
export const dig = async (port: number, name: string, type: string): Promise<Dug> => {
  const args = [
    '@127.0.0.1',
    '-p',
    String(port),
    '+time=5',
    '+tries=2',
    '+norecurse',
    '+noidnin',
    name,
    type,
  ];
  const { stdout } = await promisify(execFile)('dig', args);
  const lines = stdout.split('\n');
  const from = lines.indexOf(';; ANSWER SECTION:') + 1;
  const answers = from > 0 ? lines.slice(from, lines.indexOf('', from)) : [];
  return {
    status: /status: (\w+)/.exec(stdout)?.[1] ?? '',
    answers: answers.map((line) => {
      const [, type, value = ''] = /\sIN\s+(\S+)\s+(.*)$/.exec(line) ?? [];
      return `${type} ${value.replace(/\.$/, '')}`;
    }),
  };
};
