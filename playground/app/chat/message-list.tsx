import { type ReactElement, useLayoutEffect, useRef } from 'react';
import { Avatar, hueStyle } from './avatar.tsx';
import type { Message } from './documents.ts';
import type { Entry } from './room-state.ts';
import { describeGap, type Room } from './use-room.ts';
import type { PendingMessage } from './use-sending.ts';

interface MessageListProps {
  readonly room: Room;
  readonly pending: readonly PendingMessage[];
  readonly ownName: string;
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short', hourCycle: 'h23' });

/** What was said in a room, the newest at the end and in sight. */
export function MessageList({ room, pending, ownName }: MessageListProps): ReactElement {
  const { entries, content } = room;
  const box = useStayAtEnd(entries, pending);
  const isEmpty = content === 'complete' && entries.length + pending.length === 0;
  return (
    <div
      ref={box}
      className="log"
      role="log"
      aria-label="Messages"
      aria-busy={room.continuity !== 'live'}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      {isEmpty && (
        <p className="soft empty">
          Nobody has said anything here. Open this page in a second tab and say hello.
        </p>
      )}
      <ol>
        {entries.map((entry, index) => {
          if (entry.kind === 'gap') return <GapMark key={entry.id} gap={entry} />;
          const { message, wasMissed } = entry;
          const follows = authorOf(entries[index - 1]) === message.author;
          const isOwn = message.author === ownName;
          return <MessageItem key={message.id} {...{ message, wasMissed, follows, isOwn }} />;
        })}
        {pending.map(({ id, text }) => (
          <li key={`pending ${id}`} className="message own pending">
            <p>{text}</p>
            <span className="soft small">Sending …</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

interface MessageItemProps {
  readonly message: Message;
  readonly wasMissed: boolean;
  /** The one before is of the same author. */
  readonly follows: boolean;
  readonly isOwn: boolean;
}

function MessageItem({ message, wasMissed, follows, isOwn }: MessageItemProps): ReactElement {
  const { author, text, sentAt } = message;
  const classes = ['message', isOwn && 'own', wasMissed && 'missed', follows && 'follows'];
  return (
    <li className={classes.filter(Boolean).join(' ')} style={hueStyle(author)}>
      <Avatar name={author} />
      <div className="bubble">
        <span className="author">{author}</span>
        <time dateTime={sentAt}>{clock.format(new Date(sentAt))}</time>
        {wasMissed && <span className="fetched">fetched again</span>}
        <p>{text}</p>
      </div>
    </li>
  );
}

function GapMark({ gap }: { readonly gap: Extract<Entry, { kind: 'gap' }> }): ReactElement {
  const { reason, missed } = gap;
  const count = missed === 0 ? 'nothing' : missed === 1 ? '1 message' : `${missed} messages`;
  return (
    <li className="gap">
      Gap: {describeGap(reason)}. Refetched: {count} missed
    </li>
  );
}

function authorOf(entry: Entry | undefined): string | undefined {
  return entry?.kind === 'message' ? entry.message.author : undefined;
}

/** Who has scrolled up to read stays there; all others see what is new. */
function useStayAtEnd(entries: readonly Entry[], pending: readonly PendingMessage[]) {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    const element = box.current;
    const note = (): void => {
      if (element) {
        const { scrollHeight, scrollTop, clientHeight } = element;
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < 40;
      }
    };
    element?.addEventListener('scroll', note, { passive: true });
    return () => element?.removeEventListener('scroll', note);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it scrolls when the content has changed
  useLayoutEffect(() => {
    if (isAtEnd.current) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [entries, pending]);
  return box;
}
