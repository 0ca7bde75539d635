/** What listeners of both kinds have in common towards AWS. */
import {
  CreateListenerCommand,
  DeleteListenerCommand,
  ModifyListenerCommand,
  type ModifyListenerCommandInput,
  paginateDescribeListeners,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Key } from '../../core/model/key.ts';
import type { Resource } from '../../core/model/resource.ts';
import type { Tags } from '../../core/model/tags.ts';
import type { Attempt } from '../../core/ports.ts';
import { means } from '../errors.ts';
import { everyPage } from '../every-page.ts';
import { describeTags, sameOwner, toSdkTags } from '../tags.ts';
import { nameTaken, type Site } from './driver.ts';
import { removeIfThere } from './remove-if-there.ts';

type Wanted = {
  readonly loadBalancer: Key<'load-balancer'> | Key<'network-load-balancer'>;
  readonly port: number;
  readonly tags: Tags;
};

/** A listener that is there already and carries our tags is one whose answer was lost: it is set as wanted. */
export const createOrTakeOver = async (
  spec: Wanted,
  settings: Omit<ModifyListenerCommandInput, 'ListenerArn' | 'Port'>,
  site: Site,
): Promise<Attempt> => {
  const { clients } = site.account;
  const LoadBalancerArn = site.id(spec.loadBalancer);
  try {
    const { Listeners } = await clients.elb.send(
      new CreateListenerCommand({
        ...settings,
        LoadBalancerArn,
        Port: spec.port,
        DefaultActions: settings.DefaultActions,
        Tags: toSdkTags(spec.tags),
      }),
    );
    return { status: 'done', id: Listeners?.[0]?.ListenerArn ?? '' };
  } catch (thrown) {
    if (!means(thrown, 'exists')) throw thrown;
    const pages = paginateDescribeListeners({ client: clients.elb }, { LoadBalancerArn });
    const found = (await everyPage(pages, (page) => page.Listeners)).find(({ Port }) => Port === spec.port);
    const ListenerArn = found?.ListenerArn;
    if (!ListenerArn) throw thrown;
    const tags = (await describeTags(clients, [ListenerArn])).get(ListenerArn) ?? {};
    if (!sameOwner(spec.tags, tags))
      return nameTaken(
        `a listener on port ${spec.port}`,
        'does not carry the tags of this cluster and group',
      );
    await clients.elb.send(new ModifyListenerCommand({ ListenerArn, ...settings }));
    return { status: 'done', id: ListenerArn };
  }
};

export const removeListener = (
  { key }: Resource<'listener'> | Resource<'network-listener'>,
  site: Site,
): Promise<Attempt> =>
  removeIfThere(
    key,
    site,
    async (ListenerArn) => {
      await site.account.clients.elb.send(new DeleteListenerCommand({ ListenerArn }));
      return undefined;
    },
    { inUse: `${key} is still the target of a network load balancer` },
  );
