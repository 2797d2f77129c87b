import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { describeEachDatabase, type TestDatabase } from '../support/databases.js';
import { SCRIPTED_CLIENT, ScriptedProvider } from '../token/scripted-provider.js';
import { TokenLife } from '../token/token-life.js';

/** A hub, and a provider that answers as the test says. */
export class Scene {
  private constructor(
    readonly life: TokenLife,
    readonly scripted: ScriptedProvider,
    private readonly providerId: string,
  ) {}

  static async start(database: TestDatabase): Promise<Scene> {
    const scripted = await ScriptedProvider.start();
    const life = await TokenLife.start(database);
    return new Scene(life, scripted, (await life.provider(scripted.endpoints, SCRIPTED_CLIENT)).id);
  }

  async stop(): Promise<void> {
    await this.life.stop();
    await this.scripted.close();
  }

  /** A token that is connected. @param settings of a provider of its own @returns its id */
  async connected(settings?: object): Promise<string> {
    const { providerId, scripted } = this;
    const own = settings && (await this.life.provider({ ...scripted.endpoints, ...settings }, SCRIPTED_CLIENT));
    const { id } = await this.life.connected({ providerId: own?.id ?? providerId });
    scripted.reset();
    return id as string;
  }

  refresh(id: string): Promise<any> {
    return this.life.mutate('refreshToken', { id });
  }
}

/** Runs `block` with a hub on each database and a provider that answers as the test says. */
export function describeScripted(name: string, block: (scene: () => Scene, database: TestDatabase) => void): void {
  describeEachDatabase(name, (database) => {
    let scene: Scene;
    beforeAll(async () => {
      scene = await Scene.start(database);
    });
    afterAll(() => scene.stop());
    beforeEach(async () => {
      scene.scripted.reset();
      await scene.life.rows.calm();
    });
    block(() => scene, database);
  });
}
