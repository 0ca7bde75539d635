/** What `plan` prints. */
import type { FlagRow } from './row.ts';

export const PLAN_FLAGS = {
  filename: {
    type: 'list',
    aliases: ['f'],
    placeholder: 'FILE|DIR|-',
    doc: 'plan what these manifests would make in an empty account, without asking cluster or AWS; what they name there, and the IngressClass of --ingress-class, is taken to exist. Services must be among them; - is standard input; may be repeated',
    commands: ['plan'],
  },
  output: {
    type: 'word',
    aliases: ['o'],
    initial: 'text',
    words: ['text', 'json'],
    doc: 'form of the plan',
    commands: ['plan'],
  },
  explain: {
    type: 'truth',
    doc: 'also say why: every subnet that was considered, the certificates, the order of the rules and the zone of each record, each with its reason',
    commands: ['plan'],
  },
} as const satisfies Record<string, FlagRow>;
