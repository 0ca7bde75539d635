import { BUILT_IN_KINDS, type Kind, type KindTable } from '../kinds.ts';
import { isJsonObject, type JsonObject, type KubeObject, valueAt } from '../object.ts';
import type { Store } from '../store.ts';

const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';

/** Serves the kinds that CustomResourceDefinitions describe from the moment they are written. */
export const followDefinitions = (store: Store, kinds: KindTable): void => {
  for (const definition of store.list(CRDS)) kinds.setCustom(definition.metadata.name, kindsOf(definition));
  store.onWrite((storage, { type, object }) => {
    if (storage !== CRDS) return;
    if (type !== 'DELETED') {
      kinds.setCustom(object.metadata.name, kindsOf(object));
      return;
    }
    for (const one of store.list(object.metadata.name)) store.remove(object.metadata.name, one);
    kinds.setCustom(object.metadata.name, []);
  });
};

const strings = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

const kindsOf = (definition: KubeObject): readonly Kind[] => {
  const spec: JsonObject = isJsonObject(definition.spec) ? definition.spec : {};
  const names: JsonObject = isJsonObject(spec.names) ? spec.names : {};
  const versions = Array.isArray(spec.versions) ? spec.versions.filter(isJsonObject) : [];
  const group = String(spec.group);
  if (BUILT_IN_KINDS.some((kind) => kind.group === group)) return [];
  // The storage version comes first: it is what objects are kept in.
  return [...versions]
    .sort((a, b) => Number(b.storage === true) - Number(a.storage === true))
    .filter((one) => one.served === true)
    .map((one) => ({
      group,
      version: String(one.name),
      kind: String(names.kind),
      plural: String(names.plural),
      singular: String(names.singular ?? String(names.kind).toLowerCase()),
      shortNames: strings(names.shortNames),
      categories: strings(names.categories),
      namespaced: spec.scope === 'Namespaced',
      status: valueAt(one, 'subresources', 'status') !== undefined,
      scale: valueAt(one, 'subresources', 'scale') !== undefined,
      generation: true,
      type: undefined,
      storage: definition.metadata.name,
    }));
};
