import { stringMap } from './string-map.ts';

const NAME = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^([A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?)?$/;

/** Labels of nodes, as Kubernetes allows them. */
export const nodeLabels = stringMap('labels', (key, value) => {
  if (!NAME.test(key)) return { fault: { expected: 'the name of a label', value: key } };
  return VALUE.test(value)
    ? { value }
    : { fault: { at: key, expected: 'a label value of at most 63 letters, digits, - _ and .', value } };
});
