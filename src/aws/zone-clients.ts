/** Who asks Route 53 about a hosted zone: the controller itself, or the role that keeps a zone of another account. */
import {
  GetHostedZoneCommand,
  type Route53Client,
  type HostedZone as SdkZone,
} from '@aws-sdk/client-route-53';
import type { Role } from '../core/bindings/read-binding.ts';
import type { HostedZone } from '../core/model/facts.ts';
import { awsError } from './errors.ts';
import type { ClientOfRole } from './role-clients.ts';

/** A hosted zone of another account, as the operator says. The name is known even while the account is out of reach. */
export type ZoneOfRole = { readonly zone: string; readonly name: string; readonly role: Role };

export type ZoneClients = {
  readonly of: (zone: string) => Route53Client;
  /** The zones that are kept with roles. One that cannot be reached says why; never rejects. */
  readonly look: () => Promise<readonly HostedZone[]>;
  /** The answer about a zone; when a role's zone cannot be reached, what `otherwise` makes of the reason. */
  readonly unlessShut: <T, U>(
    zone: string,
    asked: Promise<T>,
    otherwise: (why: string) => U,
  ) => Promise<T | U>;
};

export type ZoneClientsOptions = {
  readonly own: Route53Client;
  readonly clientOf: ClientOfRole<Route53Client>;
  readonly kept: readonly ZoneOfRole[];
};

export const zoneClients = ({ own, clientOf, kept }: ZoneClientsOptions): ZoneClients => {
  const byId = new Map(kept.map((it) => [it.zone, it]));
  const of = (zone: string): Route53Client => {
    const found = byId.get(zone);
    return found ? clientOf(found.role) : own;
  };
  const lookAt = async (it: ZoneOfRole): Promise<HostedZone> => {
    try {
      const { HostedZone: sdk } = await of(it.zone).send(new GetHostedZoneCommand({ Id: it.zone }));
      const zone = hostedZone(sdk ?? {});
      if (zone.name === it.name) return zone;
      const shut = `${whose(it)} is named ${zone.name}; expected that name in --dns-zone-roles`;
      return { id: it.zone, name: it.name, private: zone.private, shut };
    } catch (thrown) {
      return { id: it.zone, name: it.name, private: false, shut: whyShut(it, thrown) };
    }
  };
  return {
    of,
    look: () => Promise.all(kept.map(lookAt)),
    unlessShut: (zone, asked, otherwise) => {
      const found = byId.get(zone);
      return found ? asked.catch((thrown: unknown) => otherwise(whyShut(found, thrown))) : asked;
    },
  };
};

/** A zone as Route 53 tells it. */
export const hostedZone = ({ Id, Name, Config }: Partial<SdkZone>): HostedZone => ({
  id: (Id ?? '').replace('/hostedzone/', ''),
  name: (Name ?? '').replace(/\.$/, '').toLowerCase(),
  private: Config?.PrivateZone ?? false,
});

const whose = ({ zone, name, role }: ZoneOfRole): string =>
  `hosted zone ${name} (${zone}), role ${role.arn},`;

const whyShut = (it: ZoneOfRole, thrown: unknown): string => {
  const { code, message } = awsError(thrown);
  return `${whose(it)} cannot be reached: ${code}: ${message}`;
};
