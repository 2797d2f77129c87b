import DataLoader from 'dataloader';
import type { TokenLabelEntity } from './token-label.entity.js';
import type { TokenRepository } from './token.repository.js';

/** Labels of tokens, by name, in one query for each tick. */
export class TokenLabelsByTokenIdLoader extends DataLoader<string, TokenLabelEntity[]> {
  constructor(tokens: TokenRepository) {
    super(async (tokenIds) => {
      const found = await tokens.labelsOf(tokenIds);
      return tokenIds.map((id) => found.filter((row) => row.tokenId === id));
    });
  }
}
