import { type Cause, forbiddenField, invalidValue, notSupported } from '../api/errors.ts';
import { isJsonObject, type JsonObject, type KubeObject, kubeTime, valueAt } from '../object.ts';
import { checkSchema, fillDefaults } from '../schema/json-schema.ts';
import { checkSchemas, unevaluated } from './definition-schema.ts';
import type { Rule } from './rule.ts';

/** Objects of kinds that a CustomResourceDefinition describes: its schema's defaults and checks. */
export const customResourceRule: Rule = {
  defaults: (object, { cluster, kind }) => {
    const schema = schemaOf(cluster.store.get(CRDS, undefined, kind.storage), kind.version);
    return schema === undefined ? object : (fillDefaults(object, schema) as KubeObject);
  },
  validate: ({ cluster, kind, object }) => {
    const schema = schemaOf(cluster.store.get(CRDS, undefined, kind.storage), kind.version);
    return schema === undefined ? [] : checkSchema(object, schema, '');
  },
};

const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';

/** The schema a definition gives for one version. */
export const schemaOf = (definition: unknown, version: string): JsonObject | undefined => {
  const versions = valueAt(definition, 'spec', 'versions');
  const found = Array.isArray(versions)
    ? versions.find((one: unknown) => valueAt(one, 'name') === version)
    : undefined;
  const schema = valueAt(found, 'schema', 'openAPIV3Schema');
  return isJsonObject(schema) ? schema : undefined;
};

/** Definitions are served at once: names are accepted as given and both conditions are true. */
export const customResourceDefinitionRule: Rule = {
  defaults: (object) => {
    const spec: JsonObject = isJsonObject(object.spec) ? object.spec : {};
    const names: JsonObject = isJsonObject(spec.names) ? spec.names : {};
    const full = {
      singular: String(names.kind).toLowerCase(),
      listKind: `${String(names.kind)}List`,
      ...names,
    };
    const versions = Array.isArray(spec.versions) ? spec.versions.filter(isJsonObject) : [];
    return {
      ...object,
      spec: { conversion: { strategy: 'None' }, ...spec, names: full },
      status: object.status ?? {
        acceptedNames: full,
        storedVersions: versions.filter((one) => one.storage === true).map((one) => one.name),
        conditions: [
          condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
          condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
        ],
      },
    };
  },
  warnings: unevaluated,
  validate: ({ object }) => {
    const wanted = `${String(valueAt(object, 'spec', 'names', 'plural'))}.${String(valueAt(object, 'spec', 'group'))}`;
    const causes: Cause[] = [];
    if (object.metadata.name !== wanted)
      causes.push(
        invalidValue('metadata.name', object.metadata.name, `must be spec.names.plural+"."+spec.group`),
      );
    const versions = valueAt(object, 'spec', 'versions');
    const stored = Array.isArray(versions)
      ? versions.filter((one: unknown) => valueAt(one, 'storage') === true).length
      : 0;
    if (stored !== 1)
      causes.push(
        invalidValue('spec.versions', versions, 'must have exactly one version marked as storage version'),
      );
    // With one version there is nothing to convert, and no webhook would be called by a real server either.
    causes.push(...checkScope(object), ...checkSchemas(object));
    const strategy = valueAt(object, 'spec', 'conversion', 'strategy');
    if (strategy === 'Webhook' && Array.isArray(versions) && versions.length > 1)
      causes.push(
        forbiddenField(
          'spec.conversion.strategy',
          'the sandbox calls no conversion webhooks; use None, which changes the apiVersion only',
        ),
      );
    return causes;
  },
};

const SCOPES = ['Cluster', 'Namespaced'];

const checkScope = (object: KubeObject): readonly Cause[] => {
  const scope = valueAt(object, 'spec', 'scope');
  return scope === undefined || SCOPES.includes(String(scope))
    ? []
    : [notSupported('spec.scope', scope, SCOPES)];
};

const condition = (type: string, reason: string, message: string): JsonObject => ({
  type,
  status: 'True',
  lastTransitionTime: kubeTime(),
  reason,
  message,
});
