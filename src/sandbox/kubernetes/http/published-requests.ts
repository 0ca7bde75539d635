/** Requests as they arrive, for whoever in this process subscribes: `node:diagnostics_channel`, not part of Kubernetes. */
import { channel } from 'node:diagnostics_channel';
import { type Attributes, fullResource, isPath } from '../rbac/attributes.ts';

/** What subscribers of {@link KUBERNETES_REQUESTS} get, whether the request is allowed or not. */
export type PublishedRequest = {
  /** As the client names itself; empty when it does not. */
  readonly userAgent: string;
  /** As rules of roles name it. */
  readonly verb: string;
  /** `networking.k8s.io/ingresses/status`, `/pods` for the core group, or a path such as `/version`. */
  readonly what: string;
};

/** Name of the channel. */
export const KUBERNETES_REQUESTS = 'alb-ingress-sandbox.kubernetes-requests';

const requests = channel(KUBERNETES_REQUESTS);

export const publishRequest = (userAgent: string, asked: Attributes): void => {
  if (!requests.hasSubscribers) return;
  const what = isPath(asked) ? asked.path : `${asked.group}/${fullResource(asked)}`;
  requests.publish({ userAgent, verb: asked.verb, what } satisfies PublishedRequest);
};
