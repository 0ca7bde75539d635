/** Which calls are the program's own, and not of the test around it; and which of those the policy would refuse. */
import { ACTIONS } from '../../src/aws/iam.ts';
import { USER_AGENT } from '../../src/aws/user-agent.ts';
import { CONTROLLER_NAME } from '../../src/cli/controller-name.ts';
import { CLUSTER_TAG } from '../../src/core/model/names.ts';
import type { PublishedCall } from '../../src/sandbox/aws/published-calls.ts';
import type { PublishedRequest } from '../../src/sandbox/kubernetes/http/published-requests.ts';

export const isOwnCall = ({ userAgent }: PublishedCall): boolean => userAgent.includes(USER_AGENT);

export const isOwnRequest = ({ userAgent }: PublishedRequest): boolean => userAgent === CONTROLLER_NAME;

/** Services that IAM knows by another name than signatures do. */
const IAM_NAMES: Readonly<Record<string, string>> = { tagging: 'tag' };

/** A call as the policy names it. */
export const actionOf = ({ service, operation }: PublishedCall): string =>
  `${IAM_NAMES[service] ?? service}:${operation}`;

const GUARDED: ReadonlySet<string> = new Set(
  ACTIONS.filter(({ guarded }) => guarded !== undefined).flatMap(({ service, operations }) =>
    operations.map((operation) => `${service}:${operation}`),
  ),
);

/** Inputs that name the resource whose tags the condition of the policy looks at. */
const RESOURCES = [
  'LoadBalancerArn',
  'TargetGroupArn',
  'ResourceArns',
  'CertificateArn',
  'GroupId',
  'Resources',
];

/**
 * Resources of a call that the policy would refuse it on, because they lack the tag that the condition asks for. The
 * sandbox evaluates no policies of identities, so its AWS does the call all the same.
 */
export const untaggedIn = (call: PublishedCall): readonly string[] =>
  GUARDED.has(actionOf(call))
    ? RESOURCES.flatMap((name) => call.input[name] ?? [])
        .map(String)
        .filter((id) => call.tagsOf(id) !== undefined && call.tagsOf(id)?.[CLUSTER_TAG] === undefined)
    : [];
