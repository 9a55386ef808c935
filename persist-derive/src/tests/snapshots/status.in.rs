#[derive(Enum)]
#[persist(type = "execution_status")]
pub enum Status {
    Pending,
    Running,
    Succeeded,
    Failed,
    #[persist(rename = "cancelled")]
    Stopped,
}
