/** The sandbox. */
import type { FlagRow } from './row.ts';

export const SANDBOX_FLAGS = {
  dir: {
    type: 'file',
    initial: '.sandbox',
    placeholder: 'DIR',
    doc: 'where kubeconfig, env and the state of the sandbox are kept',
    commands: ['sandbox'],
  },
  apply: {
    type: 'list',
    placeholder: 'FILE|DIR',
    doc: 'manifests to apply once it runs; may be repeated. Without it the examples that come with the program',
    commands: ['sandbox'],
  },
  once: {
    type: 'truth',
    doc: 'apply the manifests, wait until they are programmed, request each, print a table, exit 0 or 1',
    commands: ['sandbox'],
  },
  'no-controller': {
    type: 'truth',
    doc: 'leave the controller out, to run another one against the sandbox',
    commands: ['sandbox'],
  },
  'aws-only': {
    type: 'truth',
    doc: 'only AWS with its load balancers, proxy and DNS: no cluster and no controller',
    commands: ['sandbox'],
  },
  'aws-throttling': {
    type: 'word',
    initial: 'off',
    words: ['off', 'aws', 'aws-current'],
    doc: 'refuse calls that come faster than AWS lets them',
    commands: ['sandbox'],
  },
  speed: {
    type: 'text',
    initial: '60',
    placeholder: 'FACTOR',
    doc: 'how many seconds of AWS time pass in one second: 60 makes a load balancer active after 2 s',
    commands: ['sandbox'],
  },
} as const satisfies Record<string, FlagRow>;
