import { type Cause, invalidValue } from '../api/errors.ts';
import { isJsonObject, type JsonObject, valueAt } from '../object.ts';
import { quantity } from './quantity.ts';

/**
 * What is wrong with a container's resources: nothing is below zero, nobody requests more than the limit.
 * https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
 */
export const checkResources = (container: JsonObject, field: string): readonly Cause[] => {
  const limits = amounts(container, 'limits');
  const requests = amounts(container, 'requests');
  const negative = (name: string, given: Amounts): readonly Cause[] =>
    given
      .filter(([, , amount]) => amount < 0)
      .map(([resource, text]) =>
        invalidValue(`${field}.resources.${name}[${resource}]`, text, 'must be greater than or equal to 0'),
      );
  const excessive = requests.flatMap(([resource, text, amount]): readonly Cause[] => {
    const limit = limits.find(([name]) => name === resource);
    return limit === undefined || amount <= limit[2]
      ? []
      : [
          invalidValue(
            `${field}.resources.requests`,
            text,
            `must be less than or equal to ${resource} limit of ${limit[1]}`,
          ),
        ];
  });
  return [...negative('limits', limits), ...negative('requests', requests), ...excessive];
};

type Amounts = readonly (readonly [resource: string, text: string, amount: number])[];

const amounts = (container: JsonObject, name: string): Amounts => {
  const given = valueAt(container, 'resources', name);
  return Object.entries(isJsonObject(given) ? given : {}).flatMap(([resource, text]) => {
    const amount = quantity(text);
    return amount === undefined ? [] : [[resource, String(text), amount] as const];
  });
};
