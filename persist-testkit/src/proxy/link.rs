//! One connection through the proxy.

use super::frame::Side;
use super::state::{State, Valve};
use bytes::BytesMut;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// What is on the other side of the proxy: TCP or a Unix socket.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for T {}

const PIECE: usize = 64 * 1024;

/// So much of the server's answers is read ahead while the latency holds it back.
const PIECES_AHEAD: usize = 64;

pub(super) async fn run(
    number: usize,
    client: TcpStream,
    server: Box<dyn Stream>,
    state: Arc<State>,
    valve: watch::Receiver<Valve>,
) {
    let (from_client, to_client) = tokio::io::split(client);
    let (from_server, to_server) = tokio::io::split(server);
    let requests = Direction { number, side: Side::Client, state: Arc::clone(&state), valve: valve.clone() };
    let answers = Direction { number, side: Side::Server, state: Arc::clone(&state), valve };
    tokio::join!(requests.forward(from_client, to_server), answers.delay(from_server, to_client));
    state.close(number);
}

struct Direction {
    number: usize,
    side: Side,
    state: Arc<State>,
    valve: watch::Receiver<Valve>,
}

impl Direction {
    /// From the client to the server, as it comes.
    async fn forward(mut self, mut from: ReadHalf<TcpStream>, mut to: WriteHalf<Box<dyn Stream>>) {
        let mut piece = BytesMut::with_capacity(PIECE);
        while self.is_open().await {
            piece.reserve(PIECE);
            tokio::select! {
                read = from.read_buf(&mut piece) => if read.unwrap_or(0) == 0 { break },
                _ = self.valve.changed() => continue,
            }
            self.state.piece_arrived();
            self.state.replace_commit(&mut piece);
            if self.pass(&mut piece, &mut to).await.is_err() {
                break;
            }
        }
        let _ = to.shutdown().await;
        // After a cut the client may still send. That is read, since closing a socket with unread bytes would
        // destroy the answers that are still on their way to it.
        piece.clear();
        while from.read_buf(&mut piece).await.unwrap_or(0) > 0 {
            piece.clear();
        }
    }

    /// From the server to the client, each piece the latency after it came.
    async fn delay(mut self, mut from: ReadHalf<Box<dyn Stream>>, mut to: WriteHalf<TcpStream>) {
        let (sender, mut pieces) = mpsc::channel(PIECES_AHEAD);
        let state = Arc::clone(&self.state);
        let reader = async move {
            loop {
                let mut piece = BytesMut::with_capacity(PIECE);
                let read = from.read_buf(&mut piece).await.unwrap_or(0);
                if read == 0 || sender.send((Instant::now() + state.latency(), piece)).await.is_err() {
                    break;
                }
            }
        };
        let writer = async move {
            let mut cut = self.valve.clone();
            loop {
                let next = tokio::select! {
                    biased;
                    _ = cut.wait_for(|valve| *valve == Valve::Cut) => None,
                    next = pieces.recv() => next,
                };
                let Some((due, mut piece)) = next else { break };
                tokio::time::sleep_until(due).await;
                self.state.replace_answer(&mut piece);
                if self.pass(&mut piece, &mut to).await.is_err() {
                    break;
                }
            }
            let _ = to.shutdown().await;
        };
        // Ends with the writer, so that a cut closes the server's connection without waiting for its answer.
        tokio::pin!(writer);
        tokio::select! {
            () = &mut writer => {}
            () = reader => writer.await,
        }
    }

    /// Passes all of `piece` on, unless the connection is cut.
    async fn pass(&mut self, piece: &mut BytesMut, to: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        while !piece.is_empty() && self.is_open().await {
            let admitted = self.state.admit(self.number, self.side, piece);
            to.write_all(&piece.split_to(admitted)).await?;
        }
        Ok(())
    }

    /// Waits while the connection is frozen. False if it is cut.
    async fn is_open(&mut self) -> bool {
        // The state keeps the sender as long as we run.
        matches!(self.valve.wait_for(|valve| *valve != Valve::Frozen).await.as_deref(), Ok(Valve::Open))
    }
}
