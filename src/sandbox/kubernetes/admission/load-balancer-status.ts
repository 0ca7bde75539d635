import type { JsonObject, KubeObject } from '../object.ts';

/** The status of a Service or Ingress: the API always writes `loadBalancer`, be it empty. */
export const balanced = ({ status }: KubeObject): JsonObject => ({
  loadBalancer: {},
  ...(status as JsonObject | undefined),
});
