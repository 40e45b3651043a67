import type { Published } from '../../subscription/published.ts';

/** What is left of a run that graphql must do: what `publish` gave, if it was called. */
export class GivenUp {
  /** Nothing of the app was called but what coerces variables. */
  static readonly BEFORE_PUBLISH: GivenUp = new GivenUp(undefined);

  readonly published: Published | undefined;

  constructor(published: Published | undefined) {
    this.published = published;
  }
}
