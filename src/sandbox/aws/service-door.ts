/** What a service works on: an account in a Region, and a way to the others that were used. */
export type Scene = Elb & { readonly accountAt?: AccountAt };

/** A service before it is opened for an account. */
import type { Elb } from './elbv2/find.ts';
import type { AccountAt } from './sts/operations.ts';
import type { Service, ServiceInfo } from './wire/operation.ts';

/** Opening gives the operations over one account's state; for services that are loaded on demand it takes a while. */
export type ServiceDoor = ServiceInfo & { open(scene: Scene): Promise<Service> | Service };

type Inside = Pick<Service, 'operations' | 'constraints'>;

export const door = (info: ServiceInfo, inside: (scene: Scene) => Inside): ServiceDoor => ({
  ...info,
  open: (scene) => ({ ...info, ...inside(scene) }),
});

/** A door to a service whose code, and the SDK's schemas for it, are loaded when it is first opened. */
export const lateDoor = (info: ServiceInfo, load: () => Promise<(scene: Scene) => Inside>): ServiceDoor => ({
  ...info,
  open: async (scene) => ({ ...info, ...(await load())(scene) }),
});
