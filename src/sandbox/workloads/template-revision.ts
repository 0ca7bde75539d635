import { createHash } from 'node:crypto';
import type { Pod, Template } from './objects.ts';

const LABEL = 'controller-revision-hash';

/** A short name for a template, so that Pods tell which one they were made from. */
export const templateRevision = (template: Template): string =>
  createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 10);

export const sameTemplate = (pod: Pod, template: Template): boolean =>
  pod.metadata.labels?.[LABEL] === templateRevision(template);

/** A Pod about to be made, with the label that names its template and others. */
export const stamped = (
  pod: object,
  template: Template,
  labels: Readonly<Record<string, string>> = {},
): object => {
  const { metadata, ...rest } = pod as { metadata: { labels?: Record<string, string> } };
  return {
    ...rest,
    metadata: { ...metadata, labels: { ...metadata.labels, ...labels, [LABEL]: templateRevision(template) } },
  };
};
