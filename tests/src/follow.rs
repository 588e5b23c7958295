//! A subscriber as it should be: it resumes wherever it was cut off.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use leadhand_proto::event::v1::Event;
use leadhand_proto::notification::v1::notification_service_client::NotificationServiceClient;
use leadhand_proto::notification::v1::subscribe_request::Start;
use leadhand_proto::notification::v1::subscribe_response::Item;
use leadhand_proto::notification::v1::{Beginning, SubscribeRequest};
use tokio::task::JoinHandle;
use tonic::Status;
use tonic::transport::Channel;

use crate::call::WORKSPACE;

/// How long it waits before it subscribes again.
const PAUSE: Duration = Duration::from_millis(10);

/// Follows the events from the first one, until dropped.
#[derive(Debug)]
pub struct Follower {
    told: Arc<Mutex<Told>>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Told {
    events: Vec<Event>,
    ends: Vec<Status>,
}

impl Follower {
    /// Subscribes at these by turns, each time with the next one.
    pub fn start(channels: Vec<Channel>) -> Self {
        let told = Arc::new(Mutex::new(Told::default()));
        let task = tokio::spawn(follow(channels, told.clone()));
        Self { told, task }
    }

    /// Every event received, in the order received.
    pub fn events(&self) -> Vec<Event> {
        self.lock().events.clone()
    }

    /// How many events were received.
    pub fn count(&self) -> usize {
        self.lock().events.len()
    }

    /// How each stream ended that did.
    pub fn ends(&self) -> Vec<Status> {
        self.lock().ends.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn follow(channels: Vec<Channel>, told: Arc<Mutex<Told>>) {
    let told = || told.lock().unwrap_or_else(PoisonError::into_inner);
    for channel in channels.iter().cycle() {
        let last = told().events.last().map(|event| event.position.clone());
        let start = last.map_or(Start::Beginning(Beginning {}), Start::After);
        let request = SubscribeRequest { workspace: WORKSPACE.into(), start: Some(start) };
        let end = match NotificationServiceClient::new(channel.clone()).subscribe(request).await {
            Err(status) => status,
            Ok(response) => {
                let mut stream = response.into_inner();
                loop {
                    match stream.message().await {
                        Ok(Some(message)) => {
                            if let Some(Item::Event(event)) = message.item {
                                told().events.push(event);
                            }
                        }
                        Ok(None) => break Status::ok("the stream ended without a status"),
                        Err(status) => break status,
                    }
                }
            }
        };
        told().ends.push(end);
        tokio::time::sleep(PAUSE).await;
    }
}
