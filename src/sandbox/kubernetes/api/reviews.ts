import type { Kind } from '../kinds.ts';
import { type JsonObject, type KubeObject, kubeTime, valueAt } from '../object.ts';
import type { Tokens, User } from '../tokens.ts';

const ALLOWED = { allowed: true, reason: 'the sandbox allows everything' };
const EVERYTHING = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
  incomplete: false,
};

type Asked = { readonly user: User; readonly object: KubeObject; readonly tokens: Tokens };

const ANSWERS: Readonly<Record<string, (asked: Asked) => JsonObject>> = {
  selfsubjectreviews: ({ user }) => ({ userInfo: user }),
  tokenreviews: ({ object, tokens }) => {
    const user = tokens.identify(`Bearer ${String(valueAt(object, 'spec', 'token'))}`);
    return user === undefined
      ? { authenticated: false, error: '[invalid bearer token, the signature or the time is wrong]' }
      : { authenticated: true, user };
  },
  selfsubjectaccessreviews: () => ALLOWED,
  subjectaccessreviews: () => ALLOWED,
  localsubjectaccessreviews: () => ALLOWED,
  selfsubjectrulesreviews: () => EVERYTHING,
};

/** Answers a review: the object with its status filled in. Undefined for a kind that is not a review. */
export const review = (kind: Kind, asked: Asked): KubeObject | undefined => {
  const answer = ANSWERS[kind.plural];
  if (answer === undefined) return undefined;
  const { object } = asked;
  return {
    ...object,
    metadata: { ...object.metadata, creationTimestamp: kubeTime() },
    status: answer(asked),
  };
};
