import type { Kind } from '../kinds.ts';
import { type JsonObject, type KubeObject, kubeTime } from '../object.ts';

/** Who every request is: the sandbox trusts whoever reaches its loopback port. */
const USER = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

const ALLOWED = { allowed: true, reason: 'the sandbox allows everything' };
const EVERYTHING = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
  incomplete: false,
};

const ANSWERS: Readonly<Record<string, () => JsonObject>> = {
  selfsubjectreviews: () => ({ userInfo: USER }),
  tokenreviews: () => ({ authenticated: true, user: USER }),
  selfsubjectaccessreviews: () => ALLOWED,
  subjectaccessreviews: () => ALLOWED,
  localsubjectaccessreviews: () => ALLOWED,
  selfsubjectrulesreviews: () => EVERYTHING,
};

/** Answers a review: the object with its status filled in. Undefined for a kind that is not a review. */
export const review = (kind: Kind, object: KubeObject): KubeObject | undefined => {
  const answer = ANSWERS[kind.plural];
  if (answer === undefined) return undefined;
  return { ...object, metadata: { ...object.metadata, creationTimestamp: kubeTime() }, status: answer() };
};
