import type { Rule } from './rule.ts';

/** Namespaces carry their name as a label and are Active until their deletion begins. */
export const namespaceRule: Rule = {
  defaults: (object) => {
    if (object.metadata.deletionTimestamp !== undefined) return object;
    const labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
    return {
      ...object,
      metadata: { ...object.metadata, labels },
      spec: { finalizers: ['kubernetes'], ...(object.spec as object | undefined) },
      status: object.status ?? { phase: 'Active' },
    };
  },
  onDelete: (object) => ({
    ...object,
    status: { ...(object.status as object | undefined), phase: 'Terminating' },
  }),
};
