/** A service before it is opened for an account. */
import type { Elb } from './elbv2/find.ts';
import type { Service, ServiceInfo } from './wire/operation.ts';

/** Opening gives the operations over one account's state; for services that are loaded on demand it takes a while. */
export type ServiceDoor = ServiceInfo & { open(elb: Elb): Promise<Service> | Service };

type Inside = Pick<Service, 'operations' | 'constraints'>;

export const door = (info: ServiceInfo, inside: (elb: Elb) => Inside): ServiceDoor => ({
  ...info,
  open: (elb) => ({ ...info, ...inside(elb) }),
});

/** A door to a service whose code, and the SDK's schemas for it, are loaded when it is first opened. */
export const lateDoor = (info: ServiceInfo, load: () => Promise<(elb: Elb) => Inside>): ServiceDoor => ({
  ...info,
  open: async (elb) => ({ ...info, ...(await load())(elb) }),
});
