/** The caption of the story, and how to go on. */
import { answeredCount, handling } from '../state/handler.ts';
import { Icon } from '../ui/icons.tsx';
import { leaveStory, nextStep, togglePause } from './play.ts';
import type { Playing } from './playing.ts';
import { STORY_STEPS } from './steps.ts';

export function StoryBar({ now }: { now: Playing }) {
  const { title, caption } = STORY_STEPS[now.step]!;
  const last = now.step === STORY_STEPS.length - 1;
  const done = last && handling.value !== null && answeredCount.value > 0;
  return (
    <section class="story-bar" aria-label="Story">
      <p class="story-step">
        {now.step + 1} of {STORY_STEPS.length}
      </p>
      <div class="story-text">
        <h2>{done ? 'That was your answer' : title}</h2>
        <p>
          {done
            ? 'The device has it, and the log remembers it for ever. Go anywhere with ← and →, select a box and press w to ask why it is as it is; ? shows all keys.'
            : caption}
        </p>
      </div>
      <p class="story-actions">
        {!last && (
          <>
            <button type="button" class="button" aria-pressed={now.paused} onClick={togglePause}>
              {now.paused ? 'Play' : 'Pause'}
            </button>
            <button type="button" class="button primary" onClick={nextStep}>
              <Icon name="next" /> Next
            </button>
          </>
        )}
        <button type="button" class="button" onClick={leaveStory}>
          {done ? 'Look around' : 'Leave the story'}
        </button>
      </p>
    </section>
  );
}
