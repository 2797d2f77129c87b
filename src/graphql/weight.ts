import { Extensions } from 'type-graphql';

/** How many times what is selected of a field counts towards the cost of its operation, in `extensions.weight`. */
export function Weight(times: number): MethodDecorator & PropertyDecorator {
  return Extensions({ weight: times });
}
