import { type KubeObject, valueAt } from '../object.ts';
import { textAt } from './cells.ts';
import { type Column, column, wide } from './table.ts';

const SHORT_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

const accessModes = (modes: unknown): string =>
  Array.isArray(modes) ? modes.map((mode) => SHORT_MODES[String(mode)] ?? String(mode)).join(',') : '';

/** What a claim has been given; nothing before it is bound. */
const bound = (claim: KubeObject, show: (status: unknown) => string): string =>
  textAt(claim, 'spec', 'volumeName') === '' ? '' : show(claim.status);

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

const claimOf = (volume: KubeObject): string => {
  const claim = valueAt(volume, 'spec', 'claimRef');
  return claim === undefined ? '' : `${textAt(claim, 'namespace')}/${textAt(claim, 'name')}`;
};

const attributesClass = column(
  'VolumeAttributesClass',
  (object) => textAt(object, 'spec', 'volumeAttributesClassName') || '<unset>',
);
const storageClass = column('StorageClass', (object) => textAt(object, 'spec', 'storageClassName'));
const volumeMode = wide('VolumeMode', (object) => textAt(object, 'spec', 'volumeMode') || '<unset>');

/** Claims, volumes and their classes. */
export const STORAGE_COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  persistentvolumeclaims: [
    column('Status', (claim) =>
      claim.metadata.deletionTimestamp === undefined ? textAt(claim, 'status', 'phase') : 'Terminating',
    ),
    column('Volume', (claim) => textAt(claim, 'spec', 'volumeName')),
    column('Capacity', (claim) => bound(claim, (status) => textAt(status, 'capacity', 'storage'))),
    column('Access Modes', (claim) => bound(claim, (status) => accessModes(valueAt(status, 'accessModes')))),
    storageClass,
    attributesClass,
    volumeMode,
  ],
  persistentvolumes: [
    column('Capacity', (volume) => textAt(volume, 'spec', 'capacity', 'storage')),
    column('Access Modes', (volume) => accessModes(valueAt(volume, 'spec', 'accessModes'))),
    column('Reclaim Policy', (volume) => textAt(volume, 'spec', 'persistentVolumeReclaimPolicy')),
    column('Status', (volume) =>
      volume.metadata.deletionTimestamp === undefined ? textAt(volume, 'status', 'phase') : 'Terminating',
    ),
    column('Claim', claimOf),
    storageClass,
    attributesClass,
    column('Reason', (volume) => textAt(volume, 'status', 'reason')),
    volumeMode,
  ],
  'storageclasses.storage.k8s.io': [
    column('Name', ({ metadata }) =>
      metadata.annotations?.[DEFAULT_CLASS] === 'true' ? `${metadata.name} (default)` : metadata.name,
    ),
    column('Provisioner', (object) => object.provisioner),
    column('ReclaimPolicy', (object) => object.reclaimPolicy),
    column('VolumeBindingMode', (object) => object.volumeBindingMode),
    column('AllowVolumeExpansion', (object) => object.allowVolumeExpansion === true),
  ],
};
