"""Whatever is kept of people and chats: questions and deeds by name, put together in `storage.Store`."""
