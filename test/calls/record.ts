/**
 * Loaded into every test process by `npm test` (`--import`): notes what the program asks of the sandbox's AWS and
 * Kubernetes, whether it runs in this process or in one of its own, and leaves it in the folder ALB_RECORD_CALLS.
 */
import { subscribe } from 'node:diagnostics_channel';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AWS_CALLS, type PublishedCall } from '../../src/sandbox/aws/published-calls.ts';
import {
  KUBERNETES_REQUESTS,
  type PublishedRequest,
} from '../../src/sandbox/kubernetes/http/published-requests.ts';
import type { Recorded } from './compare.ts';
import { actionOf, isOwnCall, isOwnRequest, untaggedIn } from './ours.ts';

const folder = process.env.ALB_RECORD_CALLS;

/** Options of node that leave tests of a file out. */
const FILTERS = /^--test-(only|name-pattern|skip-pattern|shard)/;

const record = (into: string): void => {
  const [aws, kubernetes, untagged] = [new Set<string>(), new Set<string>(), new Set<string>()];
  subscribe(AWS_CALLS, (message) => {
    const call = message as PublishedCall;
    if (!isOwnCall(call)) return;
    aws.add(actionOf(call));
    for (const resource of untaggedIn(call)) untagged.add(`${actionOf(call)} ${resource}`);
  });
  subscribe(KUBERNETES_REQUESTS, (message) => {
    const request = message as PublishedRequest;
    if (isOwnRequest(request)) kubernetes.add(`${request.verb} ${request.what}`);
  });
  process.once('exit', () => {
    const recorded: Recorded = {
      file: process.argv[1] ?? '',
      whole: !process.execArgv.some((option) => FILTERS.test(option)),
      aws: [...aws],
      kubernetes: [...kubernetes],
      untagged: [...untagged],
    };
    mkdirSync(into, { recursive: true });
    writeFileSync(join(into, `${process.pid}-${Date.now()}.json`), JSON.stringify(recorded));
  });
};

// Set in the processes that run test files, not in the one that starts them.
if (folder !== undefined && process.env.NODE_TEST_CONTEXT !== undefined) record(folder);
