#[derive(Repository)]
struct UserRole {
    #[persist(id)]
    role_id: RoleId,
    #[persist(id)]
    user_id: Uuid,
    granted_by: Option<Uuid>,
    granted_at: DateTime<Utc>,
}
