import { type Attributes, fullResource, isPath } from './attributes.ts';
import type { Bound } from './bindings.ts';

/** Requests of one kind by one user, and the rule that allowed them. Those of system:masters are not noted. */
export type Grant = {
  readonly user: string;
  readonly verb: string;
  /** `networking.k8s.io/ingresses/status`, `/pods` for the core group, or a path such as `/version`. */
  readonly what: string;
  /** Undefined for requests that were refused. */
  readonly by:
    | {
        /** `RoleBinding web/reader`, or `ClusterRoleBinding reader`. */
        readonly binding: string;
        /** `Role web/reader`, or `ClusterRole reader`. */
        readonly role: string;
        /** Which rule of the role, counted from 0. */
        readonly rule: number;
      }
    | undefined;
  readonly times: number;
};

/** Notes which rules are used, so that a test can name those that are not. */
export type Grants = {
  note(asked: Attributes, by: Bound | undefined, rule: number | undefined): void;
  list(): readonly Grant[];
  forget(): void;
};

/** Kinds of request that are kept apart; more than any controller makes, so that a client gone wild fills no memory. */
const MOST = 10_000;

export const createGrants = (): Grants => {
  const seen = new Map<string, Grant>();
  return {
    note: (asked, by, rule) => {
      const grant = grantOf(asked, by, rule);
      const key = JSON.stringify({ ...grant, times: 0 });
      const known = seen.get(key);
      if (known === undefined && seen.size >= MOST) return;
      seen.set(key, { ...grant, times: (known?.times ?? 0) + 1 });
    },
    list: () => [...seen.values()],
    forget: () => seen.clear(),
  };
};

const grantOf = (asked: Attributes, by: Bound | undefined, rule: number | undefined): Grant => ({
  user: asked.user.username,
  verb: asked.verb,
  what: isPath(asked) ? asked.path : `${asked.group}/${fullResource(asked)}`,
  by: by && {
    binding: `${by.binding.kind} ${placed(by.binding.metadata.namespace, by.binding.metadata.name)}`,
    role: `${by.role.kind} ${placed(by.role.kind === 'Role' ? by.binding.metadata.namespace : undefined, by.role.name)}`,
    rule: rule ?? 0,
  },
  times: 1,
});

const placed = (namespace: string | undefined, name: string): string =>
  namespace === undefined ? name : `${namespace}/${name}`;
