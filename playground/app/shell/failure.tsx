import { Component, type ReactNode } from 'react';

interface FailureProps {
  readonly children: ReactNode;
}

/** Says so when a view can't be shown, as when its code can't be loaded; the header stays. */
export class Failure extends Component<FailureProps, { readonly message: string | undefined }> {
  override state: { readonly message: string | undefined } = { message: undefined };

  static getDerivedStateFromError(error: unknown): { readonly message: string } {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    const { message } = this.state;
    if (message === undefined) return this.props.children;
    return (
      <main className="loading" role="alert">
        <p>This view can't be shown: {message}</p>
        <button type="button" onClick={() => location.reload()}>
          Load the page again
        </button>
      </main>
    );
  }
}
