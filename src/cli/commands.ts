/** The commands, once: help and the reference page are made from this table. Each loads its code when it runs. */
import type { FlagRow } from './flags/row.ts';
import { FLAGS, placeholderOf } from './flags/table.ts';

type CommandRow = {
  readonly summary: string;
  readonly doc: string;
  readonly examples: readonly string[];
  /** Resolves with the exit code. */
  readonly run: (argv: readonly string[]) => Promise<number>;
};

export const COMMANDS: Readonly<Record<string, CommandRow>> = {
  run: {
    summary: 'watch a cluster and keep AWS as its Ingresses say',
    doc: 'Watches Ingresses of class alb and makes load balancers, target groups, listeners, rules, security groups and Route 53 records for them. On start it adopts what is there. SIGTERM finishes the call under way and exits; everything in AWS stays.',
    examples: [
      'alb-ingress run --cluster-name dev',
      'CLUSTER_NAME=dev AWS_REGION=eu-west-1 alb-ingress run --watch-namespace shop',
    ],
    run: async (argv) => (await import('./run.ts')).run(argv),
  },
  plan: {
    summary: 'print what run would do, and do nothing',
    doc: 'Compares the cluster with AWS and prints the difference. With -f it plans manifests instead, as for an empty account: give the Services, too. Changes nothing anywhere. Exit code 1 when something could not be read or an Ingress has a mistake, 2 when the command line or a manifest cannot be used.',
    examples: [
      'alb-ingress plan --cluster-name dev',
      'alb-ingress plan -f examples/echoservice',
      'alb-ingress plan -f ingress.yaml -o json',
      'helm template my-app ./chart | alb-ingress plan -f -',
    ],
    run: async (argv) => (await import('./plan.ts')).plan(argv),
  },
  sandbox: {
    summary: 'a cluster, an AWS account and load balancers that route, on this machine',
    doc: 'Starts an embedded Kubernetes API, an embedded AWS API, a data plane, DNS and the controller, all on loopback. DIR/kubeconfig and DIR/env tell kubectl, aws and curl how to reach them. Nothing leaves the machine.',
    examples: [
      'alb-ingress sandbox',
      'alb-ingress sandbox --once',
      'alb-ingress sandbox --no-controller --dir /tmp/box',
    ],
    run: async (argv) => (await import('./sandbox.ts')).sandbox(argv),
  },
  version: {
    summary: 'print the version',
    doc: 'Prints the version of the program and of Node.',
    examples: ['alb-ingress version'],
    run: async () => (await import('./version.ts')).version(),
  },
};

export const mainHelp = (): string => {
  const lines = Object.entries(COMMANDS).map(([name, row]) => `  ${name.padEnd(9)} ${row.summary}`);
  return `alb-ingress: Kubernetes Ingresses as AWS Application Load Balancers, DNS included\n\nusage: alb-ingress COMMAND [flags]\n\n${lines.join('\n')}\n\nalb-ingress COMMAND --help tells about a command. To try it all without AWS: alb-ingress sandbox\n`;
};

export const commandHelp = (name: string): string => {
  const row = COMMANDS[name];
  if (!row) return mainHelp();
  const flags = Object.entries(FLAGS as Readonly<Record<string, FlagRow>>).filter(([, flag]) =>
    flag.commands.some((command) => command === name),
  );
  const described = flags.map(([flag, it]) => `${flagForm(flag, it)}\n${wrap(flagDoc(it), 6)}`);
  const list = described.length > 0 ? `\nflags\n${described.join('\n')}\n` : '';
  return `alb-ingress ${name}: ${row.summary}\n\n${wrap(row.doc, 0)}\n\nexamples\n${row.examples.map((it) => `  ${it}`).join('\n')}\n${list}`;
};

const flagForm = (name: string, row: FlagRow): string => {
  const short = row.aliases?.find((alias) => alias.length === 1);
  return `  ${short ? `-${short}, ` : ''}--${name}${row.type === 'truth' ? '' : ` ${placeholderOf(row)}`}`;
};

const flagDoc = (row: FlagRow): string => {
  const more = [row.initial && `default ${row.initial}`, row.env && `environment ${row.env}`].filter(
    (it) => it,
  );
  return more.length > 0 ? `${row.doc} (${more.join('; ')})` : row.doc;
};

const wrap = (text: string, indent: number): string => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line && indent + line.length + word.length + 1 > 100) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, line].map((it) => ' '.repeat(indent) + it).join('\n');
};
