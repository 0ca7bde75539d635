import { BINDING_FINALIZER, FILLED, REGISTERED } from '../core/bindings/labels.ts';
import { objectId, type TargetGroupBinding } from '../core/kube/objects.ts';
import type { Kube } from '../core/ports.ts';
import { failureError } from './failure.ts';
import { collectionPath, KINDS } from './kinds.ts';
import type { Transport } from './transport.ts';

/**
 * Writes to TargetGroupBindings. A conflict is an error: whoever decided on an older object has to look again. An object
 * that is gone is fine.
 */
export const bindingWriter = (transport: Transport): Pick<Kube, 'changeBinding' | 'setBindingStatus'> => {
  const patch = async (
    { metadata }: TargetGroupBinding,
    subresource: '' | '/status',
    body: { readonly metadata?: object; readonly status?: object },
  ): Promise<void> => {
    const { apiVersion } = KINDS.targetgroupbindings;
    const collection = collectionPath(apiVersion, 'targetgroupbindings', metadata.namespace);
    const answer = await transport.json({
      verb: 'patch',
      resource: `targetgroupbindings${subresource}`,
      path: `${collection}/${encodeURIComponent(metadata.name)}${subresource}`,
      // The uid keeps the change from a namesake made since.
      body: { ...body, metadata: { ...body.metadata, ...(metadata.uid && { uid: metadata.uid }) } },
    });
    if (!answer.ok && answer.failure.code !== 404)
      throw failureError(`writing TargetGroupBinding ${objectId(metadata)}`, answer.failure);
  };
  return {
    changeBinding: async (binding, { finalizer, note, filled }) => {
      const { finalizers = [], resourceVersion } = binding.metadata;
      const others = finalizers.filter((it) => it !== BINDING_FINALIZER);
      const annotations = {
        ...(note !== undefined && { [REGISTERED]: note }),
        ...(filled !== undefined && { [FILLED]: filled }),
      };
      await patch(binding, '', {
        metadata: {
          ...(Object.keys(annotations).length > 0 && { annotations }),
          ...(finalizer !== undefined && {
            finalizers: finalizer ? [...others, BINDING_FINALIZER] : others,
            // A list is replaced as a whole, so it has to be the one that was seen.
            ...(resourceVersion && { resourceVersion }),
          }),
        },
      });
    },
    setBindingStatus: (binding, status) => patch(binding, '/status', { status }),
  };
};
