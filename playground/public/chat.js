import { GraphqlSocket } from './graphql-socket.js';
import { MessageLog } from './message-log.js';
import { Typists } from './typists.js';

const MESSAGE = '{ id room author text sentAt }';
const HISTORY = `query ($room: String!) { history(room: $room) ${MESSAGE} }`;
const ON_MESSAGE = `subscription ($room: String!) { onMessage(room: $room) ${MESSAGE} }`;
const ON_TYPING = 'subscription ($room: String!) { onTyping(room: $room) { name isTyping } }';
const SEND = `mutation ($room: String!, $text: String!) { sendMessage(room: $room, text: $text) ${MESSAGE} }`;
const SET_TYPING =
  'mutation ($room: String!, $isTyping: Boolean!) { setTyping(room: $room, isTyping: $isTyping) }';

const TYPING_REPEAT_MS = 2_000;

const element = (id) => document.getElementById(id);
const nameInput = element('name');
const textInput = element('text');
const sendButton = element('message-form').querySelector('button');
const log = new MessageLog(element('log'), element('messages'), element('empty'));
const typists = new Typists(element('typing'));

let name = sessionStorage.getItem('name') ?? `Guest ${Math.floor(100 + Math.random() * 900)}`;
let rooms = [];
let room;
let leaveRoom = () => undefined;
/** When the others were last told that we type; undefined when they believe that we do not. */
let typingToldAt;

const socketUrl = new URL('/graphql', location.href);
socketUrl.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
const socket = new GraphqlSocket(socketUrl, showState);

function showState(state, reason) {
  const texts = {
    connecting: 'Connecting …',
    connected: `Connected as ${name}`,
    waiting: 'No connection, trying again …',
    refused: `Refused: ${reason}`,
  };
  element('status').textContent = texts[state];
  element('status').dataset.state = state;
  sendButton.disabled = state !== 'connected';
  if (state === 'connected') loadRooms().catch(showProblem);
  else log.begin(room);
}

function showProblem(problem) {
  element('problem').textContent = problem?.message ?? '';
}

async function loadRooms() {
  showProblem();
  ({ rooms } = await socket.request('{ rooms }'));
  // What was under way in the room ended with the connection.
  room = undefined;
  typingToldAt = undefined;
  enterRoomOfAddress();
  element('rooms').replaceChildren(...rooms.map(roomChoice));
}

function roomChoice(each) {
  const input = document.createElement('input');
  Object.assign(input, { type: 'radio', name: 'room', value: each, className: 'unseen' });
  input.checked = each === room;
  input.addEventListener('change', () => {
    location.hash = encodeURIComponent(each);
  });
  const label = document.createElement('label');
  label.append(input, each);
  return label;
}

/** The room is part of the page's address, so that it can be bookmarked and sent to others. */
function enterRoomOfAddress() {
  const wanted = rooms.find((each) => location.hash === `#${encodeURIComponent(each)}`) ?? rooms[0];
  if (wanted !== undefined && wanted !== room) enterRoom(wanted);
}

function enterRoom(entered) {
  tellTyping(false);
  leaveRoom();
  room = entered;
  log.begin(room);
  typists.clear();
  showCommand();
  for (const input of document.getElementsByName('room')) input.checked = input.value === room;

  const stopMessages = socket.subscribe(
    ON_MESSAGE,
    { room },
    {
      // Only now is the history asked for: so no message falls between the two.
      live: () => loadHistory(entered).catch(showProblem),
      next: ({ onMessage }) => showMessage(onMessage),
      error: showProblem,
    },
  );
  const stopTyping = socket.subscribe(
    ON_TYPING,
    { room },
    { next: ({ onTyping }) => typists.note(onTyping), error: showProblem },
  );
  leaveRoom = () => {
    stopMessages();
    stopTyping();
  };
}

async function loadHistory(entered) {
  const { history } = await socket.request(HISTORY, { room: entered });
  if (entered === room) log.fill(history, name);
}

function showMessage(message) {
  if (message.room !== room) return;
  typists.note({ name: message.author, isTyping: false });
  log.add(message, name);
}

/** Tells the others whether we type; while we do, again and again, since they forget it. */
function tellTyping(isTyping) {
  const now = performance.now();
  const isNews = isTyping ? !(now - typingToldAt < TYPING_REPEAT_MS) : typingToldAt !== undefined;
  if (!isNews) return;
  typingToldAt = isTyping ? now : undefined;
  // It is no loss when it gets lost.
  socket.request(SET_TYPING, { room, isTyping }).catch(() => undefined);
}

async function sendText() {
  const text = textInput.value;
  if (sendButton.disabled || text.trim() === '') return;
  showProblem();
  textInput.value = '';
  tellTyping(false);
  try {
    const { sendMessage } = await socket.request(SEND, { room, text });
    showMessage(sendMessage);
  } catch (error) {
    textInput.value ||= text;
    showProblem(error);
  }
}

function showCommand() {
  const body = JSON.stringify({ author: 'curl', text: 'Hello from a Fastify route' });
  element('curl').textContent = [
    `curl ${location.origin}/rooms/${encodeURIComponent(room)}/messages`,
    `-H 'content-type: application/json'`,
    `-d '${body}'`,
  ].join(' \\\n  ');
}

async function copyCommand() {
  try {
    await navigator.clipboard.writeText(element('curl').textContent);
    element('copied').textContent = 'Copied';
    element('copy').textContent = 'Copied';
    setTimeout(() => {
      element('copied').textContent = '';
      element('copy').textContent = 'Copy';
    }, 2_000);
  } catch {
    // Not allowed, for example without https: then it is one key for the visitor.
    getSelection().selectAllChildren(element('curl'));
    element('copied').textContent = 'The command is selected';
  }
}

function connect() {
  nameInput.value = name;
  sessionStorage.setItem('name', name);
  socket.connect({ name });
}

element('name-form').addEventListener('submit', (event) => {
  event.preventDefault();
  name = nameInput.value.trim();
  connect();
});
element('message-form').addEventListener('submit', (event) => {
  event.preventDefault();
  sendText();
});
textInput.addEventListener('input', () => tellTyping(textInput.value.trim() !== ''));
textInput.addEventListener('blur', () => tellTyping(false));
element('copy').addEventListener('click', copyCommand);
addEventListener('hashchange', enterRoomOfAddress);
connect();
