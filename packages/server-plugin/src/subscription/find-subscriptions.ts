import type { GraphQLSchema } from 'graphql';
import { SubscriptionMisplacedError } from '../errors.ts';
import { isSubscriptionDefinition } from './define-subscription.ts';
import type { SubscriptionDefinition } from './subscription-definition.ts';

/**
 * Finds the definitions on the fields of the schema's subscription type.
 *
 * @returns definitions by field name, in the order of the schema
 * @throws `GROUPCAST_ERR_SUBSCRIPTION_MISPLACED` when one definition sits on two fields, or when a field's
 *   definition was made by another copy of the package
 */
export function findSubscriptions(
  schema: GraphQLSchema,
): ReadonlyMap<string, SubscriptionDefinition> {
  const byField = new Map<string, SubscriptionDefinition>();
  const fieldOf = new Map<SubscriptionDefinition, string>();
  const fields = schema.getSubscriptionType()?.getFields() ?? {};
  for (const [name, { extensions }] of Object.entries(fields)) {
    const marker = extensions['groupcast'];
    if (marker === undefined) continue;
    if (!isSubscriptionDefinition(marker)) {
      throw new SubscriptionMisplacedError(
        name,
        'its extension "groupcast" was not made by this copy of defineSubscription (is the package installed twice?)',
      );
    }
    const other = fieldOf.get(marker);
    if (other !== undefined) {
      throw new SubscriptionMisplacedError(
        name,
        `field "${other}" has the same definition; call defineSubscription once for each field`,
      );
    }
    fieldOf.set(marker, name);
    byField.set(name, marker);
  }
  return byField;
}
